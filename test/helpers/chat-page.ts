// The page as a person uses it: found by roles and names, in a browser of its own.
import type { Browser, Locator, Page } from "playwright-core";
import type { Service } from "./service.ts";
import { PATIENCE_MS } from "./wait.ts";

/** ChatPage is one person's window on one room. */
export interface ChatPage {
  readonly page: Page;
  readonly messages: Locator;
  /** What went wrong in the page: exceptions and messages of level error, the policy's refusals among them. */
  readonly problems: readonly string[];
  /** Types a message and sends it with the button. */
  say(text: string): Promise<void>;
  /** Waits until the log shows `text`. */
  sees(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a room's address in a fresh profile, waits until it is connected, and takes `name` if it is given. */
export async function openRoom(
  browser: Browser,
  service: Service,
  path: string,
  name?: string,
): Promise<ChatPage> {
  const context = await browser.newContext({ locale: "en" });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });

  await page.goto(new URL(path, service.url).href);
  await page.getByRole("status").getByText("Connected", { exact: true }).waitFor();
  if (name !== undefined) {
    const box = page.getByRole("textbox", { name: "Your name" });
    await box.fill(name);
    await box.press("Enter");
  }
  const messages = page.getByRole("log", { name: "Messages" });
  return {
    page,
    messages,
    problems,
    async say(text) {
      await page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
      await page.getByRole("button", { name: "Send", exact: true }).click();
    },
    sees: (text) => messages.getByText(text, { exact: true }).waitFor(),
    close: () => context.close(),
  };
}
