/** The whole page: the list of rooms, the open room, its people, and dialogs above them; or the welcome. */
import { render } from "preact";
import { Composer } from "./components/composer.tsx";
import { ConnectionStrip } from "./components/connection-strip.tsx";
import { Header } from "./components/header.tsx";
import { later } from "./components/later.tsx";
import { Overlay } from "./components/overlay.tsx";
import { PeoplePanel } from "./components/people.tsx";
import { ReactionTip } from "./components/reaction-tip.tsx";
import { RoomsPanel } from "./components/rooms-panel.tsx";
import { Timeline } from "./components/timeline.tsx";
import { Toast } from "./components/toast.tsx";
import { soon } from "./effects/idle.ts";
import { peopleBeside, roomsBeside } from "./effects/media.ts";
import { OpenRoomContext } from "./state/context.ts";
import { openRoom } from "./state/navigation.ts";
import { offeredIdentity } from "./state/offered-identity.ts";
import { isRoomDrawn } from "./state/ui.ts";
import { ownName } from "./storage/settings.ts";

/** Draws the page into `root`: first the room, then the panels beside it. */
export function draw(root: Element): void {
  render(<App />, root);
  soon(() => {
    isRoomDrawn.value = true;
  });
}

const RoomBars = later(async () => (await import("./components/room-bars.tsx")).RoomBars);
const Welcome = later(async () => (await import("./components/welcome.tsx")).Welcome);
const NamePrompt = later(async () => (await import("./components/name-prompt.tsx")).NamePrompt);
const Outside = later(async () => (await import("./components/outside.tsx")).Outside);
const SearchPanel = later(async () => (await import("./components/search-panel.tsx")).SearchPanel);
const AdoptIdentity = later(async () => (await import("./components/adopt-identity.tsx")).AdoptIdentity);

function App() {
  const room = openRoom.value;
  if (offeredIdentity.value !== null) return <AdoptIdentity />;
  if (room === null)
    return (
      <>
        <Welcome />
        <Overlay />
        <Toast />
      </>
    );
  const isOutside = room.isOutside.value;
  return (
    <OpenRoomContext.Provider value={room}>
      <div class="layout">
        {roomsBeside.value && <RoomsPanel />}
        <main class="room" key={room.id}>
          <Header />
          {isOutside ? (
            <Outside />
          ) : (
            <>
              <ConnectionStrip />
              {room.membership.hasBars.value && <RoomBars />}
              <Timeline />
              {room.asksName.value && ownName.value === "" && <NamePrompt />}
              <Composer />
            </>
          )}
        </main>
        {room.isSearching.value && !isOutside && <SearchPanel />}
        {peopleBeside.value && !isOutside && <PeoplePanel key={`people ${room.id}`} />}
      </div>
      <Overlay />
      <ReactionTip />
      <Toast />
    </OpenRoomContext.Provider>
  );
}
