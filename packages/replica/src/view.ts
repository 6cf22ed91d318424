/**
 * Who may serve (`SPEC.md`, View): names incarnations, a node and a number drawn at process start,
 * never nodes, so that a restarted process is a member of nothing.
 */
export interface View {
  readonly epoch: number;
  readonly primary: Incarnation;
  readonly members: readonly Incarnation[];
  /** H10: the old version's incarnation during an upgrade. */
  readonly fallback: Incarnation | null;
}

/** `a/5f0c91d2`: node name and a random number. */
export type Incarnation = string;

/** `arbiter: none`: a single node serves alone. */
export function soleView(incarnation: Incarnation): View {
  return { epoch: 1, primary: incarnation, members: [incarnation], fallback: null };
}

/** Members whose acknowledgement an effect waits for. */
export function standbysOf(view: View): readonly Incarnation[] {
  return view.members.filter((member) => member !== view.primary);
}
