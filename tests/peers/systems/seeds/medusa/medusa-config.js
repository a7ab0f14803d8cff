// A shop for tests: no admin pages, loopback only, its database by DATABASE_URL.
const { defineConfig } = require('@medusajs/framework/utils');

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: {
      storeCors: 'http://127.0.0.1',
      adminCors: 'http://127.0.0.1',
      authCors: 'http://127.0.0.1',
      jwtSecret: 'for-tests-only',
      cookieSecret: 'for-tests-only',
    },
  },
  admin: { disable: true },
});
