import { expect, test } from "vitest";
import { networkOf } from "../../../src/protocol/index.ts";
import { networkId } from "../../../src/room/identity.ts";

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8:1:2::6", "2001:db8:1:2"],
  ["2001:0DB8:0001:0002::", "2001:db8:1:2"],
  ["2001:db8::6", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["", ""],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test("derives an id of a network that differs between rooms and hides the address", () => {
  const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const id = networkId(one, "192.0.2.1");
  expect(id).toMatch(/^[a-z2-7]{10}$/);
  expect(networkId(one, "192.0.2.2")).not.toBe(id);
  expect(networkId(two, "192.0.2.1")).not.toBe(id);
});
