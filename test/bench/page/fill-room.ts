/** Fills a room with a conversation as people have it: runs of short messages, now and then code, lists, links. */
import { openChat } from "../../helpers/raw-socket.ts";

const AUTHORS = ["Ada", "Bela", "Chen 陈", "Dora", "Emil", "Farid"];
export const TEXTS = [
  "ok",
  "That works for me, let us take the **later** train then.",
  "I looked at it again this morning: the numbers are right, only the labels of the second column were swapped.",
  "see https://example.com/a/rather/long/path?with=a&query=too",
  "好的，我们明天下午三点在图书馆门口见面。",
  "@Ada could you have a look? It is in `src/main.c`, near the end.",
  "```\nfor (let i = 0; i < 10; i += 1) {\n  console.log(i);\n}\n```",
  "- bread\n- milk\n- a *really* good cheese",
  "> as you said\n\nYes, exactly that.",
  "😂",
  "One more thing. Whoever comes last locks the door, and please switch the heating off as well: it was on all night.",
];

/** Says `count` messages in the room behind `url`, one of eight an answer, one of twelve with a reaction. */
export async function fillRoom(url: URL, count: number): Promise<void> {
  const sockets = await Promise.all(AUTHORS.map((name) => openChat(url, { hello: { name, history: 0 } })));
  let said = 0;
  let last = 0;
  for (let turn = 0; said < count; turn += 1) {
    const socket = sockets[turn % sockets.length];
    if (socket === undefined) break;
    for (let run = 1 + ((turn * 7) % 4); run > 0 && said < count; run -= 1) {
      const text = TEXTS[(said * 13 + turn) % TEXTS.length] ?? "";
      socket.command({ type: "send", id: `m${said}`, text, ...(said % 8 === 7 && { reply: last }) });
      said += 1;
      last = (await socket.next("ok")).seq ?? last;
    }
    if (turn % 5 === 0) {
      socket.command({ type: "react", id: `r${turn}`, target: last, emoji: "👍", on: true });
      await socket.next("ok");
    }
  }
  await Promise.all(sockets.map((socket) => socket.close()));
}
