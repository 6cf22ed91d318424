import { expect, test } from "vitest";
import { parseBcProperties } from "./local-configuration.ts";

/** The seed's own file, with its spaces and its empty password. */
const sample = `
PrimaryHost1 = bsgen803julien
PrimaryPort1 = 2020
BackupHost1 = bsgen803julien
BackupPort1 = 2030
ApplicationName1 = AIL_Client
PlaceName1 = Place_5320
UserName = SIP_5320
UserPass =
PrimaryHost2 = Suite80GAJulien
PrimaryPort2 = 2020
BackupHost2 = Suite80GAJulien
BackupPort2 = 2022
ApplicationName2 = AIL_Client
PlaceName2 = Place_5320
`;

test("the seed's bc.properties", () => {
  expect(parseBcProperties(sample)).toEqual({
    ok: true,
    value: {
      local: {
        sites: [
          {
            applicationName: "AIL_Client",
            placeName: "Place_5320",
            configUrls: ["ws://bsgen803julien:2020/config", "ws://bsgen803julien:2030/config"],
          },
          {
            applicationName: "AIL_Client",
            placeName: "Place_5320",
            configUrls: ["ws://Suite80GAJulien:2020/config", "ws://Suite80GAJulien:2022/config"],
          },
        ],
      },
      userName: "SIP_5320",
      password: "",
    },
  });
});

test("a site without a backup, an address of IPv6, and no second site", () => {
  const text = "PrimaryHost1=::1\nPrimaryPort1=7010\nApplicationName1=desk\nUserName=a\nUserPass=b";
  expect(parseBcProperties(text)).toMatchObject({
    ok: true,
    value: {
      local: { sites: [{ applicationName: "desk", configUrls: ["ws://[::1]:7010/config"] }] },
      password: "b",
    },
  });
});

test.each([
  ["PrimaryHost1", sample.replaceAll(/^PrimaryHost.*$/gm, "")],
  ["PrimaryPort1", sample.replace("PrimaryPort1 = 2020", "PrimaryPort1 = http")],
  ["BackupPort2", sample.replace("BackupPort2 = 2022", "")],
  ["ApplicationName2", sample.replace("ApplicationName2 = AIL_Client", "")],
  ["UserName", sample.replace("UserName = SIP_5320", "")],
])("%s is named when it is missing or wrong", (key, text) => {
  expect(parseBcProperties(text)).toMatchObject({ ok: false, failure: { key } });
});
