/** Room state: the settings of a room and the roles of its people, as the server tells them to clients. */
import * as v from "valibot";
import { Entry, PasswordParameters, Role } from "./notices.ts";
import { Retention } from "./retention.ts";

const Person = { user: v.string(), name: v.string() };

/** RoomState is what everyone in a room knows about it. */
export const RoomState = v.object({
  title: v.exactOptional(v.string()),
  topic: v.exactOptional(v.string()),
  /** Who may enter. */
  entry: v.fallback(Entry, "knock"),
  /** Shortest time between two messages of one member, ms; 0: no limit. */
  slowMode: v.number(),
  /** Only moderators and owners may send. */
  readOnly: v.boolean(),
  /** Nobody new may enter. */
  locked: v.boolean(),
  /** Only owners may enter. */
  closed: v.boolean(),
  /** `false`: nobody may send files. */
  files: v.exactOptional(v.boolean()),
  /** How long events are kept. A server that does not say so keeps all of them. */
  retention: v.optional(v.fallback(Retention, "all"), "all"),
  /** The room has an owner. Without one it has no moderators, and its settings cannot change. */
  owned: v.boolean(),
  /** Owners and moderators. */
  staff: v.array(v.object({ ...Person, role: v.fallback(Role, "member") })),
  /** Seq of the pinned message. */
  pinned: v.exactOptional(v.number()),
});
export type RoomState = v.InferOutput<typeof RoomState>;

/** The state of a room that nobody owns. */
export const UNOWNED: RoomState = {
  entry: "open",
  slowMode: 0,
  readOnly: false,
  locked: false,
  closed: false,
  retention: "all",
  owned: false,
  staff: [],
};

/** Restriction is a mute or a ban. Without `until` (Unix ms) it holds until it is lifted. */
const Restriction = v.object({ until: v.exactOptional(v.number()), reason: v.exactOptional(v.string()) });
export type Restriction = v.InferOutput<typeof Restriction>;

/** RestrictedPerson is a person who is muted or banned, as moderators see it. */
const RestrictedPerson = v.object({
  ...Person,
  muted: v.exactOptional(Restriction),
  banned: v.exactOptional(v.object({ ...Restriction.entries, network: v.exactOptional(v.literal(true)) })),
});
export type RestrictedPerson = v.InferOutput<typeof RestrictedPerson>;

/** Fields of `welcome` and of `state` about the room and the role of the connection's user. */
export const STATE_FIELDS = {
  state: v.exactOptional(RoomState),
  role: v.exactOptional(v.fallback(Role, "member")),
  /** The user is muted. */
  muted: v.exactOptional(Restriction),
  /** Moderators and owners only: people who are muted or banned, at most 1,000. */
  restricted: v.exactOptional(v.array(RestrictedPerson)),
};

/** RoomTeaser is what a person outside the room may know about it. */
export const RoomTeaser = v.object({
  title: v.exactOptional(v.string()),
  entry: v.fallback(Entry, "knock"),
  locked: v.boolean(),
  closed: v.boolean(),
  /** Parameters of the password, if the room has one. */
  password: v.exactOptional(PasswordParameters),
});
export type RoomTeaser = v.InferOutput<typeof RoomTeaser>;
