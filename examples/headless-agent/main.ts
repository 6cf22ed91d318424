import { connectDesktop } from "@tandem/ail";

/**
 * An agent without a screen: logs in, goes Ready, answers what rings, for as long as it runs, at
 * whichever site serves. Against a running lab (`npm start`):
 *
 *   node --conditions=@tandem/source examples/headless-agent/main.ts [user] [password] [url …]
 */
const [user, password, ...urls] = process.argv.slice(2);
const configUrls = urls.length > 0 ? urls : (process.env["TANDEM_CONFIG"]?.split(",") ?? []);
const defaults = ["ws://127.0.1.10:7010/config", "ws://127.0.2.10:7010/config"];

const desktop = connectDesktop({
  local: {
    sites: (configUrls.length > 0 ? configUrls : defaults).map((url, index) => ({
      applicationName: `desktop-${index + 1}`,
      configUrls: [url],
    })),
  },
  userName: user ?? process.env["TANDEM_USER"] ?? "agent-1001",
  password: password ?? process.env["TANDEM_PASSWORD"] ?? "tandem",
});

let isFirstLogin = true;
desktop.on("state", ({ to, cause }) => {
  console.log(`${to.state} at ${to.site ?? "no site"} (${cause.code})`);
  // A first login begins Not Ready; later the former state comes back by itself.
  if (cause.code !== "logged-in" || !isFirstLogin) return;
  isFirstLogin = false;
  void desktop.commands.setReady();
});
desktop.on("call", ({ event, connID, otherDN }) => {
  console.log(`${event} ${otherDN ?? ""}`);
  if (event === "EventRinging") void desktop.commands.answer(connID);
});
desktop.on("warning", ({ sentence }) => console.error(sentence));
desktop.on("refused", ({ errorMessage }) => {
  console.error(errorMessage);
  desktop.close();
});
