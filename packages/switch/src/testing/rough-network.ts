import { chance, nextInt, type Random } from "@tandem/kernel";
import type { Address, Script, SentMessage } from "./script.ts";

/**
 * A network between phones and switch that loses datagrams, brings some twice and some late, and so
 * out of order. Phones take it for the script.
 */
export interface RoughNetwork {
  readonly script: Script;
  /** While it is not, everything arrives once and at once. */
  isRough: boolean;
  /** Brings what was delayed until now. */
  readonly deliver: () => void;
}

interface Late<Message> {
  readonly at: number;
  readonly to: string;
  readonly message: Message;
}

export function createRoughNetwork(script: Script, random: Random): RoughNetwork {
  const inbound: Late<() => void>[] = [];
  const outbound: Late<SentMessage>[] = [];
  const network: RoughNetwork = {
    isRough: true,
    deliver() {
      for (const { message } of takeDue(inbound, network.isRough ? script.now() : Infinity))
        message();
    },
    script: {
      ...script,
      sip(from, text, user) {
        for (const after of fates(random, network.isRough)) {
          const arrive = (): void => void script.sip(from, text, user);
          if (after === 0) arrive();
          else inbound.push({ at: script.now() + after, to: "", message: arrive });
        }
        return [];
      },
      sent(to) {
        const now: SentMessage[] = [];
        for (const message of script.sent(to)) {
          for (const after of fates(random, network.isRough)) {
            if (after === 0) now.push(message);
            else outbound.push({ at: script.now() + after, to: nameOf(to), message });
          }
        }
        const isHere = ({ to: name }: { to: string }): boolean => name === nameOf(to);
        const due = takeDue(outbound, network.isRough ? script.now() : Infinity, isHere);
        return [...now, ...due.map(({ message }) => message)];
      },
    },
  };
  return network;
}

/** When a datagram arrives, as often as it does: milliseconds from now. */
function fates(random: Random, isRough: boolean): number[] {
  if (!isRough) return [0];
  if (chance(random, lostPerMille)) return [];
  const first = chance(random, latePerMille) ? nextInt(random, 1, lateMaxMs) : 0;
  return chance(random, twicePerMille) ? [first, nextInt(random, 0, lateMaxMs)] : [first];
}

const lostPerMille = 50;
const twicePerMille = 60;
const latePerMille = 100;
const lateMaxMs = 4_000;

function takeDue<Message>(
  from: Late<Message>[],
  now: number,
  fits: (late: Late<Message>) => boolean = () => true,
): Late<Message>[] {
  const due = from.filter((late) => late.at <= now && fits(late));
  const kept = from.filter((late) => !due.includes(late));
  from.splice(0, from.length, ...kept);
  return due;
}

const nameOf = ({ host, port }: Address): string => `${host}:${port}`;
