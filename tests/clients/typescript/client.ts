// A client as a TypeScript team generates it from the document that a stack serves, used against that stack. The compiler
// holds this file to the generated types first: a body, a member or an error that they do not have does not compile.
// `PAYWARDEN_STACK` names the stack's `stack.json`, `PAYWARDEN_API` its API; `cargo xtask clients` sets both.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import createClient from "openapi-fetch";

import type { components, paths } from "./paywarden.ts";

type Schemas = components["schemas"];
type Api = ReturnType<typeof connect>;
type Credentials = { client_id: string; client_secret: string };

const stack = JSON.parse(readFileSync(process.env.PAYWARDEN_STACK!, "utf8"));
const baseUrl = process.env.PAYWARDEN_API!;
const clients: Record<string, Credentials> = stack.merchants[0].clients;
const word = `TYPESCRIPT-${Date.now()}`;

// Lists come as CSV too, to whoever asks for it; this client takes JSON.
const connect = (headers: HeadersInit = {}) => createClient<paths, "application/json">({ baseUrl, headers });
const stranger = connect();

async function askToken(credentials: Credentials) {
  return await stranger.POST("/oauth/token", {
    body: { grant_type: "client_credentials", ...credentials },
    bodySerializer: (body) => new URLSearchParams(body as Record<string, string>),
  });
}

/** The API as a client of the first merchant. */
async function signIn(role: string) {
  const { data } = await askToken(clients[role]);
  assert(data, "a token");
  return connect({ Authorization: `${data.token_type} ${data.access_token}` });
}

/** A payment is recorded, and found by its reference and in the list. */
async function recordsAndLists(api: Api) {
  const payment: Schemas["NewTransaction"] = {
    direction: "receive",
    method: "QRIS",
    amount: 10000,
    currency: "IDR",
    transaction_reference: word,
    attributes: { qrData: "0002", nmid: "ID1" },
    metadata: { table: 7 },
    occurrence: 1,
  };
  const recorded = await api.POST("/transactions", { body: payment });
  assert.equal(recorded.response.status, 201);
  const path = { reference: word };
  const { data: found } = await api.GET("/transactions/record/{reference}", { params: { path } });
  assert.equal(found?.transaction.metadata.table, 7);
  const query = { transaction_reference: word };
  const { data: page } = await api.GET("/transactions", { params: { query } });
  assert.deepEqual(page?.transactions.map((one) => one.id), [found?.transaction.id]);
}

/** With every part that may be null given, and the parts within them. */
async function addsAProvider(api: Api) {
  const provider: Schemas["NewProvider"] = {
    type: "brick",
    name: word,
    services: ["EWALLET", "VIRTUAL_ACCOUNT"],
    credentials: { client_id: "b3f1c9f2", client_secret: "of-a-test" },
    fee: { type: "FLAT", value: "4500", currency: "IDR" },
    tax: { percentage: "11", apply: true, rounding: { mode: "HALF_UP", scale: 0 } },
    overrides: { EWALLET: { fee: { type: "PERCENTAGE", value: "1.5" } } },
    priority: 1000,
    settlement: { time: "17:00", zone: "Asia/Jakarta", lag_days: 1 },
  };
  const { data, error } = await api.POST("/providers", { body: provider });
  assert(data, JSON.stringify(error));
  const { fee, tax, overrides, settlement } = data.provider;
  assert.deepEqual([fee?.value, tax?.rounding?.mode, settlement?.lag_days], ["4500", "HALF_UP", 1]);
  assert.equal(overrides.EWALLET.fee?.value, "1.5");
}

/** What is refused says why in a type, whatever its status. */
async function refusalsAreTyped(api: Api) {
  const wrong = await askToken({ ...clients.admin, client_secret: `${clients.admin.client_secret}=x` });
  assert.equal(wrong.response.status, 401);
  assert(wrong.error && "error_description" in wrong.error && wrong.error.error === "invalid_client");
  const unreadable = await api.GET("/transactions", { params: { query: { limit: 0 } } });
  assert.deepEqual([unreadable.response.status, unreadable.error?.error.parameter], [400, "limit"]);
  const nobody = await stranger.GET("/transactions");
  assert.deepEqual([nobody.response.status, nobody.error?.error.code], [401, "unauthorized"]);
  const other = await (await signIn("merchant")).GET("/providers");
  assert.deepEqual([other.response.status, other.error?.error.code], [403, "forbidden"]);
}

const api = await signIn("admin");
await recordsAndLists(api);
await addsAProvider(api);
await refusalsAreTyped(api);
console.log("a generated TypeScript client works");
