export { serveEndpoint, type FakeEndpoint, type ServedEndpoint } from "./serve-endpoint.ts";
