'use strict';
// The same answers as ever, each worked out once: Medusa derives every secret key anew by scrypt at each request, which
// takes it six times as long as the request itself. Loaded before Medusa by node's --require.
const crypto = require('crypto');

const derive = crypto.scrypt;
const known = new Map();

crypto.scrypt = function scrypt(password, salt, length, ...rest) {
  const [callback] = rest;
  if (typeof callback !== 'function' || typeof password !== 'string' || typeof salt !== 'string') {
    return derive.call(crypto, password, salt, length, ...rest); // with costs of its own: not the form of a key's look-up
  }
  const asked = JSON.stringify([password, salt, length]);
  if (known.has(asked)) return process.nextTick(callback, null, Buffer.from(known.get(asked)));
  return derive.call(crypto, password, salt, length, (error, key) => {
    if (!error) known.set(asked, Buffer.from(key));
    callback(error, key);
  });
};
