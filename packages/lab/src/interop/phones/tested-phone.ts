/**
 * What the phone matrix asks of a phone, whoever made it. Each command is what a person would do at
 * the phone; what became of it is seen at the other phones and at the server.
 */
export interface TestedPhone {
  readonly dial: (number: string) => Promise<void>;
  readonly accept: () => Promise<void>;
  readonly hangup: () => Promise<void>;
  /** Refuses the call that rings. */
  readonly reject: () => Promise<void>;
  readonly hold: () => Promise<void>;
  readonly resume: () => Promise<void>;
  readonly digit: (digit: string) => Promise<void>;
  /** REFER of the call that stands to a number. */
  readonly transfer: (number: string) => Promise<void>;
  /** REFER with Replaces: the party that was called first, to the one called second. */
  readonly transferToSecond: () => Promise<void>;
  /** An incoming call rings and is not answered. */
  readonly isRinging: () => Promise<boolean>;
  /** Its own call rings at the other end, as it was told, and is neither answered nor over. */
  readonly hearsRinging: () => Promise<boolean>;
  /** It does not say to whoever sits there that it has no server. */
  readonly isConnected: () => Promise<boolean>;
  /** How often a registrar has granted it a registration since it was cleared. */
  readonly registrations: () => Promise<number>;
  /** RTP packets that came in during the newest call. */
  readonly heardPackets: () => Promise<number>;
  /** Ends what stands; forgets what was. */
  readonly clear: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A phone at the other end, which also tells what it heard. */
export interface Partner extends TestedPhone {
  /** The status with which its last call was refused; 0 for none. */
  readonly refusal: () => Promise<number>;
  /** DTMF digits since it was cleared. */
  readonly heardDigits: () => Promise<string>;
}

export interface PhoneChoice {
  readonly dn: string;
  readonly host: string;
  readonly server: {
    readonly host: string;
    readonly wss: number;
    readonly sip: number;
    readonly sips: number;
    /** Whose certificates it has, as a file. */
    readonly authority?: string;
  };
  /** Of a phone on the desk. */
  readonly transport: "UDP" | "TCP" | "TLS";
  readonly secret: string;
  readonly rtpPortFirst: number;
}
