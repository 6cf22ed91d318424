import { type ConfigEvent, type ConfigRequest } from "../config/messages.ts";
import { objectKeyOf, type ConfigObjectType, type TandemObjects } from "../config/objects.ts";
import { decodeConfigRequest } from "../decode.ts";
import { errorSentence, type ErrorCode } from "../error-codes.ts";

/** A Configuration Server Proxy as a desktop meets it: text frames in, text frames out. */
export interface FakeConfigServer {
  readonly connect: (connection: string, send: (text: string) => void) => void;
  readonly receive: (connection: string, text: string) => void;
  readonly disconnect: (connection: string) => void;
  /** Changes an object and tells those who subscribed. */
  readonly change: <Type extends ConfigObjectType>(type: Type, object: TandemObjects[Type]) => void;
  readonly logins: { readonly how: "password" | "token" | "applicationSecret" }[];
}

/** All objects of a small deployment, by type. */
export type FakeObjects = {
  readonly [Type in ConfigObjectType]: TandemObjects[Type][];
};

export interface FakeConfigServerOptions {
  readonly objects: FakeObjects;
  /** User name → password. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  readonly tokenOf: (userName: string) => string;
  readonly userOf: (token: string) => string | undefined;
}

interface Model {
  revision: number;
  readonly sends: Map<string, (text: string) => void>;
  readonly subscribers: Set<string>;
  readonly logins: { readonly how: "password" | "token" | "applicationSecret" }[];
  readonly options: FakeConfigServerOptions;
}

export function createFakeConfigServer(options: FakeConfigServerOptions): FakeConfigServer {
  const model: Model = {
    revision: 1,
    sends: new Map(),
    subscribers: new Set(),
    logins: [],
    options,
  };
  return {
    connect: (connection, send) => void model.sends.set(connection, send),
    receive: (connection, text) => receive(model, connection, text),
    disconnect: (connection) => {
      model.sends.delete(connection);
      model.subscribers.delete(connection);
    },
    change: (type, object) => change(model, type, object),
    logins: model.logins,
  };
}

function receive(model: Model, connection: string, text: string): void {
  const decoded = decodeConfigRequest(text);
  if (!decoded.ok) {
    send(model, connection, { event: "EventError", ...decoded.failure });
    return;
  }
  const message = decoded.value;
  if (!("addp" in message)) takeRequest(model, connection, message);
  else if (message.addp === "poll") {
    model.sends.get(connection)?.(JSON.stringify({ addp: "answer", id: message.id }));
  }
}

function takeRequest(model: Model, connection: string, request: ConfigRequest): void {
  const { referenceID } = request;
  switch (request.request) {
    case "RequestLogin":
      return logIn(model, connection, request);
    case "RequestReadObjects": {
      const { type, filter } = request;
      const all: readonly object[] = model.options.objects[type];
      const objects = all.filter((object) =>
        Object.entries(filter ?? {}).every(
          ([field, value]) => Reflect.get(object, field) === value,
        ),
      );
      const { revision } = model;
      const event = { event: "EventObjects", referenceID, type, objects, revision };
      send(model, connection, event as ConfigEvent); // objects of the table for that type
      return;
    }
    case "RequestSubscribe":
      model.subscribers.add(connection);
      send(model, connection, {
        event: "EventSubscribed",
        referenceID,
        revision: model.revision,
      });
      return;
  }
}

function logIn(
  model: Model,
  connection: string,
  request: Extract<ConfigRequest, { request: "RequestLogin" }>,
): void {
  const { referenceID, user, password, token, applicationSecret, applicationName } = request;
  const { objects, passwords, userOf, tokenOf, nowMs } = model.options;
  const how = token !== undefined ? "token" : user !== undefined ? "password" : "applicationSecret";
  model.logins.push({ how });
  const isKnown = objects.Application.some(({ name }) => name === applicationName);
  if (!isKnown) return refuse(model, connection, referenceID, "application-unknown");
  const isPassword = user !== undefined && passwords[user] === password;
  const userName = token === undefined ? (isPassword ? user : undefined) : userOf(token);
  const isServer = how === "applicationSecret" && applicationSecret !== undefined;
  if (userName === undefined && !isServer) {
    const code = token === undefined ? "wrong-credentials" : "token-invalid";
    return refuse(model, connection, referenceID, code);
  }
  const person = objects.Person.find((each) => each.userName === userName);
  const tenant = objects.Tenant[0];
  const placeNames = Object.values(person?.places ?? {});
  const places = objects.Place.filter(({ name }) => placeNames.includes(name));
  const numbers = places.flatMap(({ dns }) => dns);
  send(model, connection, {
    event: "EventLogin",
    referenceID,
    token: tokenOf(userName ?? applicationName),
    expires: nowMs() + 43_200_000,
    sites: objects.Group[0]?.sites ?? [],
    objects: {
      ...(person === undefined ? {} : { person }),
      ...(tenant === undefined ? {} : { tenant }),
      agentGroups: objects.AgentGroup.filter(({ agents }) => agents.includes(userName ?? "")),
      agentLogins: objects.AgentLogin.filter(({ code }) => person?.agentLogins.includes(code)),
      places,
      dns: objects.Dn.filter(({ number }) => numbers.includes(number)),
      applications: objects.Application,
      hosts: objects.Host,
      groups: objects.Group,
    },
    revision: model.revision,
  });
}

function change<Type extends ConfigObjectType>(
  model: Model,
  type: Type,
  object: TandemObjects[Type],
): void {
  const list = model.options.objects[type];
  const key = objectKeyOf(type, object);
  const index = list.findIndex((each) => objectKeyOf(type, each) === key);
  if (index >= 0) list[index] = object;
  else list.push(object);
  model.revision += 1;
  const event = {
    event: "EventObjectChanged",
    revision: model.revision,
    change: index >= 0 ? "updated" : "created",
    type,
    object,
  } as ConfigEvent; // the object is of the type beside it
  for (const connection of model.subscribers) send(model, connection, event);
}

function refuse(model: Model, connection: string, referenceID: number, code: ErrorCode): void {
  const errorMessage = errorSentence(code);
  send(model, connection, { event: "EventError", referenceID, errorCode: code, errorMessage });
}

function send(model: Model, connection: string, event: ConfigEvent): void {
  model.sends.get(connection)?.(JSON.stringify(event));
}
