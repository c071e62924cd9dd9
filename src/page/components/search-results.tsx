/** What a search has found, or in words why nothing is shown. */
import type { TimelineMessage } from "../../client/index.ts";
import { findTexts } from "../i18n/find.ts";
import { locale, t } from "../i18n/index.ts";
import { clockTime } from "../i18n/time.ts";
import { useOpenRoom } from "../state/context.ts";
import { isConcealed } from "../state/hidden-people.ts";
import type { Found, RoomSearch } from "../state/room-search.ts";
import { matchingPart, type Piece, piecesOf, searchedText } from "../text/search-match.ts";
import type { QueryError } from "../text/search-query.ts";
import { hueOf } from "./avatar.tsx";
import { tagOf } from "./person.tsx";
import { dayLabel } from "./row.tsx";

/** Returns the id of the option of a result in the list with the id `list`. */
export function optionId(list: string, index: number): string {
  return `${list}-${index}`;
}

interface SearchResultsProps {
  readonly search: RoomSearch;
  readonly listId: string;
  /** Index of the chosen result. */
  readonly at: number;
  readonly open: (index: number) => void;
}

export function SearchResults({ search, listId, at, open }: SearchResultsProps) {
  const found = search.found.value;
  const status = search.status.value;
  const isOnline = useOpenRoom().state.value.connection === "online";
  const texts = findTexts.value;
  return (
    <div class="search-body">
      <p
        class="hint search-status"
        role="status"
        data-wrong={status.type === "error" || status.type === "failed"}
      >
        {statusText(search, isOnline)}
      </p>
      {status.type === "failed" && (
        <button type="button" class="panel-button" onClick={() => void search.retry()}>
          {texts.retry}
        </button>
      )}
      <div class="search-results" id={listId} role="listbox" aria-label={texts.results}>
        {found?.messages.map((message, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which refers to the chosen option
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
          <div
            key={message.seq}
            class="search-result"
            id={optionId(listId, index)}
            role="option"
            aria-selected={index === at}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => open(index)}
          >
            <Result message={message} found={found} />
          </div>
        ))}
      </div>
      {found !== null && found.before !== null && (
        <button
          type="button"
          class="panel-button search-more"
          aria-disabled={search.isBusy.value}
          onClick={() => void search.more()}
        >
          {status.type === "searching-more" ? texts.searching : texts.moreResults}
        </button>
      )}
      {found === null && (status.type === "idle" || status.type === "error") && <Help />}
    </div>
  );
}

function statusText(search: RoomSearch, isOnline: boolean): string {
  const texts = findTexts.value;
  const status = search.status.value;
  const found = search.found.value;
  if (status.type === "error") return errorText(status.error);
  if (status.type === "failed") return texts.failed;
  if (search.isBusy.value && !isOnline) return texts.offline;
  if (search.isBusy.value) return texts.searching;
  if (found === null) return "";
  if (found.messages.length === 0 && found.before === null) return texts.nothing;
  return texts.found(found.messages.length, found.before === null);
}

function errorText(error: QueryError): string {
  const texts = findTexts.value;
  switch (error.type) {
    case "date":
      return texts.notADate(error.value);
    case "has":
      return texts.notHas(error.value);
    case "too-long":
      return texts.tooLong;
  }
}

function Result({ message, found }: { readonly message: TimelineMessage; readonly found: Found }) {
  const room = useOpenRoom();
  const { user, name, at } = message;
  return (
    <>
      <span class="search-who">
        <span class="person" style={{ "--hue": hueOf(user) }}>
          <bdi class="person-name">{marked(piecesOf(name, [found.from]))}</bdi>
          {room.lookAlikes.users.value.has(user) && (
            <>
              {" "}
              <span class="tag">{tagOf(user)}</span>
            </>
          )}
        </span>{" "}
        <time dateTime={new Date(at).toISOString()}>
          {dayLabel(at)} {clockTime(at, locale.value)}
        </time>
      </span>
      {isConcealed(room.name, message) ? (
        <span class="hint">{t.value.hiddenMessage}</span>
      ) : (
        <bdi class="search-text">{marked(matchingPart(searchedText(message, found.words), found.words))}</bdi>
      )}
    </>
  );
}

function marked(pieces: readonly Piece[]) {
  return pieces.map(({ text, isMatch }, index) => (isMatch ? <mark key={index}>{text}</mark> : text));
}

function Help() {
  const texts = findTexts.value;
  return (
    <div class="search-help hint">
      <p>{texts.help}</p>
      <dl>
        {texts.filters.map(([example, meaning]) => (
          <div key={example}>
            <dt>
              <code>{example}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
