/** Asks whether this browser should use the identity of the user's other device. */
import { useEffect, useRef } from "preact/hooks";
import { deviceTexts } from "../i18n/device.ts";
import { t } from "../i18n/index.ts";
import { answerOffer } from "../state/navigation.ts";
import { offeredIdentity } from "../state/offered-identity.ts";
import { hasIdentity } from "../storage/settings.ts";
import { Icon } from "./icon.tsx";

export function AdoptIdentity() {
  const title = useRef<HTMLHeadingElement>(null);
  // The room that was open, and the focus in it, are gone.
  useEffect(() => title.current?.focus(), []);
  const name = offeredIdentity.value?.name ?? "";
  return (
    <main class="welcome">
      <div class="welcome-content">
        <h1 ref={title} tabIndex={-1}>
          {deviceTexts.value.adoptTitle}
        </h1>
        {name !== "" && <p>{deviceTexts.value.adoptName(name)}</p>}
        {hasIdentity() && <p>{deviceTexts.value.adoptReplaces}</p>}
        <p class="warning">
          <Icon name="alert" />
          {deviceTexts.value.adoptWarning}
        </p>
        <div class="button-row">
          <button type="button" class="primary-button" onClick={() => void answerOffer(true)}>
            {deviceTexts.value.adopt}
          </button>
          <button type="button" class="secondary-button" onClick={() => void answerOffer(false)}>
            {t.value.cancel}
          </button>
        </div>
      </div>
    </main>
  );
}
