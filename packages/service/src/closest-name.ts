/**
 * "Did you mean …?": the known name that a misspelt one is closest to, by edits of one character
 * (insert, delete, replace, swap of neighbours), where it is close enough to be meant.
 */

/** A name is meant when at most a third of its characters, and at most three, would change. */
const editsMax = 3;

export function closestName(name: string, known: Iterable<string>): string | undefined {
  const limit = Math.min(editsMax, Math.max(1, Math.floor(name.length / 3)));
  let best: string | undefined;
  let bestEdits = limit + 1;
  for (const candidate of known) {
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (edits >= bestEdits) continue;
    best = candidate;
    bestEdits = edits;
  }
  return best;
}

function editsBetween(a: string, b: string): number {
  const columns = b.length + 1;
  let before: number[] = [];
  let above = Array.from({ length: columns }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column < columns; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const least = Math.min(
        at(above, column) + 1,
        at(current, column - 1) + 1,
        at(above, column - 1) + (isSame ? 0 : 1),
      );
      const isSwap =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(isSwap ? Math.min(least, at(before, column - 2) + 1) : least);
    }
    before = above;
    above = current;
  }
  return at(above, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
