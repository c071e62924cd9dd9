// Secrets of rooms with owners. The fixed proofs were computed with `pbkdf2Sync` of node:crypto.
import { pbkdf2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { newOwnerSecret, newPassword, passwordProof } from "../../../src/client/index.ts";

const iterations = 100_000;

describe("the proof of a password", () => {
  test.each([
    ["correct horse battery staple", "AAECAwQFBgcICQoLDA0ODw", "SdScJfWXhGIJ8Nkud3CrZOHHXpS0zmxQkmXuZxddKh4"],
    ["Ünï½ ﬁ 密码", "8PDw8PDw8PDw8PDw8PDw8P8", "YcmhR-eRWDUHN4uCPjHMiKwfpf-c1DCjHgO-WA3Qm7A"],
  ])("of %s has a fixed value", async (password, salt, proof) => {
    expect(await passwordProof(password, { salt, iterations })).toBe(proof);
  });

  test("does not depend on how a keyboard composes the password", async () => {
    const parameters = { salt: "AAECAwQFBgcICQoLDA0ODw", iterations };
    expect(await passwordProof("Ünï", parameters)).toBe(
      await passwordProof("Ünï".normalize("NFD"), parameters),
    );
  });

  test("is PBKDF2-HMAC-SHA-256 with the parameters of a new password", async () => {
    const { salt, iterations, proof } = await newPassword("open sesame");
    const bytes = Buffer.from(salt, "base64url");
    expect(bytes).toHaveLength(16);
    expect(iterations).toBe(600_000);
    expect(proof).toBe(pbkdf2Sync("open sesame", bytes, iterations, 32, "sha256").toString("base64url"));
  });
});

test("an owner's secret is 32 bytes as base64url, another one each time", () => {
  const secrets = Array.from({ length: 50 }, newOwnerSecret);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(new Set(secrets).size).toBe(50);
});
