/** An entry of a menu. It closes the menu before it acts, since the action may move the focus. */
import { closeDialog } from "../state/ui.ts";
import { Icon, type IconName } from "./icon.tsx";

interface MenuItemProps {
  readonly icon: IconName;
  readonly label: string;
  readonly run: () => void;
  readonly isDanger?: boolean;
}

export function MenuItem({ icon, label, run, isDanger = false }: MenuItemProps) {
  const clicked = (): void => {
    closeDialog();
    run();
  };
  return (
    <button type="button" class="menu-item" data-danger={isDanger} onClick={clicked}>
      <Icon name={icon} />
      <span>{label}</span>
    </button>
  );
}
