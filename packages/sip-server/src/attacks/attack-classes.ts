/**
 * The classes of attack a SIP server meets, and where each is shown against a running server: the
 * tests whose names begin with the class. `rest` is what a class asks for beyond them, with its
 * place.
 */
export interface AttackClass {
  readonly id: string;
  readonly about: string;
  /** Files of this folder, or of `signalling/`. */
  readonly shownIn: readonly string[];
  readonly rest?: string;
}

const strangers = "strangers.integration.test.ts";
const credentials = "credentials.integration.test.ts";
const smuggling = "smuggling.integration.test.ts";
const registrar = "registrar.integration.test.ts";
const floods = "floods.integration.test.ts";
const connections = "web-and-tls.integration.test.ts";
const parser = "parser.integration.test.ts";
const calls = "calls.integration.test.ts";

export const attackClasses: readonly AttackClass[] = [
  { id: "A01", about: "scanners and fingerprints", shownIn: [strangers] },
  { id: "A02", about: "enumeration of users", shownIn: [strangers] },
  { id: "A03", about: "guessing passwords", shownIn: [credentials] },
  { id: "A04", about: "digest leaks", shownIn: [calls] },
  { id: "A05", about: "credentials used twice", shownIn: [credentials] },
  { id: "A06", about: "requests without credentials", shownIn: [strangers] },
  { id: "A07", about: "another's name after one's own proof", shownIn: [credentials] },
  { id: "A08", about: "header smuggling", shownIn: [smuggling] },
  { id: "A09", about: "headers twice", shownIn: [smuggling] },
  { id: "A10", about: "streams out of step", shownIn: [smuggling] },
  { id: "A11", about: "where responses go", shownIn: [strangers] },
  { id: "A12", about: "reflection and amplification", shownIn: [strangers] },
  { id: "A13", about: "loops and forks", shownIn: [calls] },
  { id: "A14", about: "what a registration takes up", shownIn: [registrar] },
  { id: "A15", about: "floods", shownIn: [floods] },
  {
    id: "A16",
    about: "connections that only take place",
    shownIn: [connections],
    rest: "signalling/visitors.test.ts, signalling/handshake-budget.test.ts",
  },
  { id: "A17", about: "messages that hurt a parser", shownIn: [parser] },
  { id: "A18", about: "broken credentials", shownIn: [credentials] },
  { id: "A19", about: "broken descriptions of media", shownIn: [parser] },
  { id: "A20", about: "RTP of others: there is none here", shownIn: [parser] },
  { id: "A21", about: "headers inside URIs", shownIn: [smuggling] },
  { id: "A22", about: "REFER and Replaces of others", shownIn: [calls] },
  { id: "A23", about: "dialogs of others", shownIn: [calls] },
  { id: "A24", about: "trust by address", shownIn: [connections] },
  {
    id: "A25",
    about: "WebSockets",
    shownIn: [connections],
    rest: "subprotocol and Origin: signalling/transports.integration.test.ts",
  },
  {
    id: "A26",
    about: "TLS",
    shownIn: [connections],
    rest: "versions and certificates: signalling/transports.integration.test.ts",
  },
  { id: "A27", about: "calls at another's cost", shownIn: ["toll-fraud.integration.test.ts"] },
  { id: "A28", about: "injection into logs and screens", shownIn: [smuggling] },
  { id: "A29", about: "callers who vanish", shownIn: [calls] },
  { id: "A30", about: "what a call is worth", shownIn: [calls] },
];
