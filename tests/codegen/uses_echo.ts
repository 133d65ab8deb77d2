// Drives tests/codegen/echo.py through its generated client, which stands beside this file as echo_client.ts.
import { Reactor } from "@reactor-team/js-sdk";
import { EchoClient, type Message, type Rejection } from "./echo_client";

export async function run(url: string): Promise<unknown> {
  const reactor = new Reactor({ modelName: "echo", local: true, apiUrl: url });
  const client = new EchoClient(reactor);
  const messages: Message[] = [];
  client.onMessage((message) => messages.push(message));
  const next = <T>(register: (got: (value: T) => void) => () => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = register((value) => {
        stop();
        resolve(value);
      });
      setTimeout(() => reject(new Error("nothing came in 20 s")), 20000);
    });
  const ready = next<string>((got) => {
    const watch = (status: string) => status === "ready" && got(status);
    reactor.on("statusChanged", watch);
    return () => reactor.off("statusChanged", watch);
  });
  await reactor.connect();
  await ready;

  const drawn = next((got) => client.on("drawn", got));
  await client.draw({ brush: { point: { x: 0.25 } }, points: [{ x: 1, y: 0 }], steps: 2 });
  const sorted = next((got) => client.on("sorted", got));
  await client.sort({ points: { a: { x: 0.5 } } });
  const received = next((got) => client.on("received", got));
  const known = await reactor.uploadFile(new Blob(["one"]));
  await client.take({
    one: known,
    many: [new Blob(["two"]), known],
    named: { three: new File(["three"], "three.txt") },
    scene: { background: new Blob(["four"]), title: "a scene", layers: [known] },
  });
  const noted = next((got) => client.on("noted", got));
  await client.class({ number: 3 });
  const refused = next<Rejection>((got) => client.onRejected(got));
  await client.refuse({ code: "no" });
  const results = await Promise.all([drawn, sorted, received, noted, refused]);
  await reactor.disconnect();
  return { results, types: messages.map((message) => message.type) };
}
