/** The whole page: rooms, the open room, its people, and what is open above them. */
import { Composer } from "./components/composer.tsx";
import { Header } from "./components/header.tsx";
import { Overlay } from "./components/overlay.tsx";
import { PeoplePanel } from "./components/people.tsx";
import { RoomsPanel } from "./components/rooms.tsx";
import { Timeline } from "./components/timeline.tsx";
import { Toast } from "./components/toast.tsx";
import { SessionContext } from "./state/context.ts";
import { session } from "./state/rooms.ts";
import { peopleBeside, roomsBeside } from "./state/ui.ts";

export function App() {
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
