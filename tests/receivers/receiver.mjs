import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const versions = new Map(); // in a database, with what is known of each transaction

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  let event;
  try {
    event = webhook.verify(Buffer.concat(parts), request.headers);
  } catch {
    return response.writeHead(400).end();
  }
  for (const record of event.transactions ?? []) {
    if (record.version > (versions.get(record.id) ?? 0)) { // not late, not again
      versions.set(record.id, record.version);
      console.log(record.transaction_reference, record.status, record.amount);
    }
  }
  response.writeHead(204).end();
}).listen(Number(process.argv[2]), "127.0.0.1");
