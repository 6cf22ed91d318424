export { readSuite, suitesFolder, type SuiteCase } from "./suite-reader.ts";
