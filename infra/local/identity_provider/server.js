// The identity provider of the local stack: a certified OpenID provider on a loopback port, with a sign-in form that asks for no
// password. Only the code flow with PKCE, and one client without a secret: the console.
//
//   node server.js <people.json> <redirect URI>
//
// Its first line on standard output is its address. `people.json` has the claims of each person by what they sign in with, and is
// read anew at every sign-in. Keys and sessions are of this process: nothing outlives it.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [peopleFile, redirectUri] = process.argv.slice(2);

// The scope that our own claims come with, beside those of the standard.
const claims = {
  openid: ['sub', 'merchant', 'groups'],
  profile: ['name'],
  email: ['email', 'email_verified'],
};

function key(type, options, algorithm) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg: algorithm, use: 'sig' };
}

function findAccount(_context, id) {
  const people = JSON.parse(readFileSync(peopleFile, 'utf8'));
  return Object.hasOwn(people, id) ? { accountId: id, claims: () => ({ sub: id, ...people[id] }) } : undefined;
}

function provider(issuer) {
  return new Provider(issuer, {
    claims,
    findAccount,
    // Claims of the scopes are in the ID token and not only at an endpoint of their own.
    conformIdTokenClaims: false,
    clients: [{
      client_id: 'paywarden-console',
      token_endpoint_auth_method: 'none',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }],
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: true } },
    jwks: { keys: [key('rsa', { modulusLength: 2048 }, 'RS256'), key('ec', { namedCurve: 'P-256' }, 'ES256')] },
    pkce: { required: () => true },
    responseTypes: ['code'],
  });
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on('request', provider(issuer).callback());
  console.log(issuer);
});
