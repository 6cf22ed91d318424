/** The AIL's words for what a desktop is connected to (seed, Detecting Site Failure). */
export interface ServiceStatus {
  readonly type: ServiceType;
  readonly name: string;
  readonly status: ServiceState;
}

export type ServiceType = "TELEPHONY" | "CONFIG" | "STAT";
/** `NOT_CONFIGURED`: no Stat Server stands in the Application's connections. */
export type ServiceState = "ON" | "OFF" | "NOT_CONFIGURED";

export interface ServiceListener {
  readonly serviceStatusChanged: (type: ServiceType, name: string, status: ServiceState) => void;
}

export const serviceTypes: readonly ServiceType[] = ["TELEPHONY", "CONFIG", "STAT"];
