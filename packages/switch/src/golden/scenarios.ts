import type { Stage } from "./stage.ts";
import { agentScenarios } from "./agent-scenarios.ts";
import { holdScenarios } from "./hold-scenarios.ts";
import { plainScenarios } from "./plain-scenarios.ts";
import { queueScenarios } from "./queue-scenarios.ts";
import { transferScenarios } from "./transfer-scenarios.ts";

/** The scenarios of the golden tables, by chapter; a chapter is a file of `tables/`. */
export interface Scenario {
  readonly title: string;
  /** Where products of the field differ: what is chosen here, and why. */
  readonly note?: string;
  readonly run: (stage: Stage) => void;
}

export interface Chapter {
  readonly name: string;
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

export const chapters: readonly Chapter[] = [
  { name: "plain-calls", title: "Plain calls", scenarios: plainScenarios },
  { name: "hold", title: "Hold, mute, digits, data", scenarios: holdScenarios },
  { name: "transfers", title: "Consultation and transfers", scenarios: transferScenarios },
  { name: "queues", title: "Queues", scenarios: queueScenarios },
  { name: "agents", title: "Agents, forwards, do not disturb", scenarios: agentScenarios },
];
