/** A second of a tone as a WAV file: 8 kHz, one channel, 16 bits; it is played in a loop. */
export function toneFile(hertz: number, rate = 8_000): Buffer {
  const samples = rate;
  const file = Buffer.alloc(headBytes + 2 * samples);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(headBytes - 8 + 2 * samples, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(2 * samples, 40);
  for (let at = 0; at < samples; at += 1) {
    const value = Math.sin((2 * Math.PI * hertz * at) / rate) * 12_000;
    file.writeInt16LE(Math.round(value), headBytes + 2 * at);
  }
  return file;
}

const headBytes = 44;
