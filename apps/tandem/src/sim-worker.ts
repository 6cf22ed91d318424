/** A thread of `tandem sim --jobs`: a seed at a time, as it is told. */
import { parentPort } from "node:worker_threads";
import { simulate, type SimulationChoice } from "@tandem/simulator";

parentPort?.on("message", (choice: SimulationChoice) => {
  parentPort?.postMessage(simulate(choice));
});
