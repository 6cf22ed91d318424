import { expect, test } from "vitest";
import { createServedSignalling } from "./served-signalling.ts";

/** The sockets are opened once the site's address is here, and by a node that still serves. */
test("a node that stands down while it takes the address opens nothing", async () => {
  let opened = 0;
  const signalling = createServedSignalling({
    edge() {
      opened += 1;
      throw new Error("nothing is to be opened");
    },
    onTrouble: () => undefined,
    triesAgain: true,
  });
  let isTaken: () => void = () => undefined;
  const taking = new Promise<void>((resolve) => {
    isTaken = resolve;
  });
  const opening = signalling.open(2, () => taking);
  await signalling.close();
  isTaken();
  await opening;
  expect(opened).toBe(0);
  expect(signalling.edge()).toBeNull();
});
