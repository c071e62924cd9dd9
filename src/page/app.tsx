/** The whole page: rooms, the open room, its people, and what is open above them. */
import { render } from "preact";
import { Composer } from "./components/composer.tsx";
import { Header } from "./components/header.tsx";
import { Overlay } from "./components/overlay.tsx";
import { PeoplePanel } from "./components/people.tsx";
import { RoomsPanel } from "./components/rooms.tsx";
import { Timeline } from "./components/timeline.tsx";
import { Toast } from "./components/toast.tsx";
import { SessionContext } from "./state/context.ts";
import { soon } from "./state/idle.ts";
import { session } from "./state/rooms.ts";
import { isRoomDrawn, peopleBeside, roomsBeside } from "./state/ui.ts";

/** Draws the page into `root`, the room first. */
export function draw(root: Element): void {
  render(<App />, root);
  soon(() => {
    isRoomDrawn.value = true;
  });
}

function App() {
  const open = session.value;
  if (open === null) return null;
  return (
    <SessionContext.Provider value={open}>
      <div class="layout" key={open.room}>
        {roomsBeside.value && <RoomsPanel />}
        <main class="room">
          <Header />
          <Timeline />
          <Composer />
        </main>
        {peopleBeside.value && <PeoplePanel />}
      </div>
      <Overlay />
      <Toast />
    </SessionContext.Provider>
  );
}
