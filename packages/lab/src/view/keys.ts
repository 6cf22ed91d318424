/** The single keys of the lab's view and what each does; pressing a fault's key again mends it. */
export type LabAction =
  | { readonly kind: "silence"; readonly site: 1 | 2 }
  | { readonly kind: "kill"; readonly site: 1 | 2 }
  | { readonly kind: "killNode"; readonly site: 1 | 2; readonly node: 0 | 1 }
  | { readonly kind: "freezePrimary"; readonly site: 1 | 2 }
  | { readonly kind: "switchOver"; readonly site: 1 | 2 }
  | { readonly kind: "cutTrunk" }
  | { readonly kind: "losePhone" }
  | { readonly kind: "callers" }
  | { readonly kind: "help" }
  | { readonly kind: "quit" };

export interface LabKey {
  readonly key: string;
  readonly action: LabAction;
  readonly help: string;
}

export const keys: readonly LabKey[] = [
  {
    key: "1",
    action: { kind: "silence", site: 1 },
    help: "site 1 dies without a word; again: it comes back",
  },
  {
    key: "2",
    action: { kind: "silence", site: 2 },
    help: "site 2 dies without a word; again: it comes back",
  },
  {
    key: "3",
    action: { kind: "kill", site: 1 },
    help: "the processes of site 1 are killed; again: it comes back",
  },
  {
    key: "4",
    action: { kind: "kill", site: 2 },
    help: "the processes of site 2 are killed; again: it comes back",
  },
  {
    key: "a",
    action: { kind: "killNode", site: 1, node: 0 },
    help: "node a of site 1 is killed; again: it comes back",
  },
  {
    key: "b",
    action: { kind: "killNode", site: 1, node: 1 },
    help: "node b of site 1 is killed; again: it comes back",
  },
  {
    key: "f",
    action: { kind: "freezePrimary", site: 1 },
    help: "the primary of site 1 is frozen, and killed by its keeper",
  },
  {
    key: "s",
    action: { kind: "switchOver", site: 1 },
    help: "site 1 switches over to its standby, as planned",
  },
  { key: "t", action: { kind: "cutTrunk" }, help: "the trunk between the sites is cut, or mended" },
  {
    key: "p",
    action: { kind: "losePhone" },
    help: "an agent's phone loses its power, or comes back",
  },
  { key: "c", action: { kind: "callers" }, help: "callers stop calling, or call again" },
  { key: "?", action: { kind: "help" }, help: "this page" },
  { key: "q", action: { kind: "quit" }, help: "the end; so does Ctrl-C" },
];

const controlC = "\u0003";

/** The action of what came from the keyboard, if it has one. */
export function actionOf(input: string): LabAction | undefined {
  if (input === controlC) return { kind: "quit" };
  return keys.find(({ key }) => key === input.toLowerCase())?.action;
}
