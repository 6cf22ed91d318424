/**
 * The view on a real terminal: draws what `renderView` gives a few times a second, reads single
 * keys, and leaves the terminal as it was, whatever ends it. Only lines that changed are written.
 */
import type { ReadStream, WriteStream } from "node:tty";
import { type LabAction, actionOf } from "./keys.ts";
import { renderView } from "./render-view.ts";
import type { ViewModel } from "./view-model.ts";

export interface Terminal {
  readonly close: () => void;
}

export interface TerminalOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** Asked before each drawing. */
  readonly model: () => ViewModel;
  readonly onAction: (action: LabAction) => void;
}

const drawEveryMs = 250;
const alternateScreen = "\u001b[?1049h\u001b[?25l\u001b[2J";
const formerScreen = "\u001b[?25h\u001b[?1049l";

export function openTerminal({ input, output, model, onAction }: TerminalOptions): Terminal {
  let shown: readonly string[] = [];
  let isOpen = true;
  const draw = (): void => {
    const size = { columns: output.columns, rows: output.rows };
    const lines = renderView(model(), size);
    const height = Math.max(lines.length, shown.length);
    let text = "";
    for (let row = 0; row < height; row += 1) {
      if (lines[row] === shown[row]) continue;
      text += `\u001b[${row + 1};1H\u001b[2K${lines[row] ?? ""}`;
    }
    shown = lines;
    if (text !== "") output.write(text);
  };
  const drawAnew = (): void => {
    shown = [];
    output.write("\u001b[2J");
    draw();
  };
  const onKey = (keys: string): void => {
    for (const key of keys) {
      const action = actionOf(key);
      if (action !== undefined) onAction(action);
    }
    if (isOpen) draw();
  };
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    clearInterval(timer);
    input.off("data", onKey);
    output.off("resize", drawAnew);
    process.off("exit", close);
    input.setRawMode(false);
    input.pause();
    output.write(formerScreen);
  };
  output.write(alternateScreen);
  input.setRawMode(true);
  input.setEncoding("utf8").on("data", onKey).resume();
  output.on("resize", drawAnew);
  process.on("exit", close);
  const timer = setInterval(draw, drawEveryMs);
  draw();
  return { close };
}
