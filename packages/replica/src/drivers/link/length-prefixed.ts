/**
 * Frames on the link's byte stream: four bytes of length, big-endian, then UTF-8 text. A frame that
 * is longer than the limit ends the connection; nothing is ever made of a half one.
 */
export const frameBytesMax = 67_108_864;
/** Until the other side has shown that it knows the secret, it gets no more room than this. */
export const strangerBytesMax = 1_024;

const prefixBytes = 4;

export function writeFrame(text: string): Buffer {
  const length = Buffer.byteLength(text, "utf8");
  const frame = Buffer.allocUnsafe(prefixBytes + length);
  frame.writeUInt32BE(length, 0);
  frame.write(text, prefixBytes, "utf8");
  return frame;
}

export interface FrameReader {
  /** Whole frames that `bytes` completes; null when one is longer than allowed. */
  readonly read: (bytes: Buffer) => readonly string[] | null;
  readonly allow: (bytesMax: number) => void;
}

export function createFrameReader(): FrameReader {
  let pieces: Buffer[] = [];
  let size = 0;
  let bytesMax = strangerBytesMax;
  return {
    allow(max) {
      bytesMax = max;
    },
    read(bytes) {
      pieces.push(bytes);
      size += bytes.length;
      const frames: string[] = [];
      if (size < prefixBytes) return frames;
      let whole = pieces.length === 1 ? bytes : Buffer.concat(pieces, size);
      for (;;) {
        if (whole.length < prefixBytes) break;
        const length = whole.readUInt32BE(0);
        if (length > bytesMax) return null;
        if (whole.length < prefixBytes + length) break;
        frames.push(whole.toString("utf8", prefixBytes, prefixBytes + length));
        whole = whole.subarray(prefixBytes + length);
      }
      pieces = whole.length === 0 ? [] : [whole];
      size = whole.length;
      return frames;
    },
  };
}
