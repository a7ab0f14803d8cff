'use strict';
// One Vendure shop: one process, loopback only, its database in memory and, after every commit, in one file.
// env: PORT, DATABASE (file; absent at the first start), ASSETS (folder), CATALOGUE (CSV), CURRENCY, PASSWORD
process.env.VENDURE_DISABLE_TELEMETRY = '1';
process.env.CI = 'true'; // silences the "no search plugin" warning
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');
const need = createRequire(path.join(process.cwd(), 'index.js')); // packages lie in the working folder, not here
const {
  bootstrap, ChannelService, DefaultLogger, dummyPaymentHandler, JobQueueService, LanguageCode, LogLevel,
  RequestContextService, TransactionalConnection,
} = need('@vendure/core');
const { populate } = need('@vendure/core/cli');
const { AssetServerPlugin } = need('@vendure/asset-server-plugin');

const { ASSETS, CATALOGUE, CURRENCY, DATABASE, PASSWORD, PORT } = process.env;

let driver;
function save(content) {
  // A whole copy beside the old one, then renamed: a kill leaves the last commit, never half a file.
  fs.writeFileSync(`${DATABASE}.new`, content);
  fs.renameSync(`${DATABASE}.new`, DATABASE);
  driver.databaseConnection.run('PRAGMA foreign_keys = ON'); // sql.js forgets it when it exports
}

// bcrypt as ever with the fewest rounds: tests log in hundreds of times, at a quarter of a second of processor else
const bcrypt = need('bcrypt');
const quickly = { hash: (plain) => bcrypt.hash(plain, 4), check: (plain, hash) => bcrypt.compare(plain, hash) };

const config = {
  apiOptions: {
    hostname: '127.0.0.1',
    port: Number(PORT),
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
    adminListQueryLimit: 1000,
    shopListQueryLimit: 100,
  },
  authOptions: {
    tokenMethod: ['bearer', 'api-key'], // 'api-key' is off by default
    requireVerification: false,
    superadminCredentials: { identifier: 'superadmin', password: PASSWORD },
    passwordHashingStrategy: quickly,
  },
  dbConnectionOptions: {
    type: 'sqljs', location: DATABASE, autoSave: false, autoSaveCallback: save, synchronize: true, logging: false,
  },
  logger: new DefaultLogger({ level: LogLevel.Warn, timestamp: false }),
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  importExportOptions: { importAssetsDir: ASSETS },
  customFields: {},
  plugins: [
    AssetServerPlugin.init({
      route: 'assets', assetUploadDir: ASSETS, assetUrlPrefix: `http://127.0.0.1:${PORT}/assets/`,
    }),
  ],
};

const initialData = {
  defaultLanguage: LanguageCode.en,
  defaultZone: 'Europe',
  countries: [
    { name: 'Germany', code: 'DE', zone: 'Europe' },
    { name: 'France', code: 'FR', zone: 'Europe' },
    { name: 'China', code: 'CN', zone: 'Asia' },
    { name: 'Japan', code: 'JP', zone: 'Asia' },
  ],
  taxRates: [{ name: 'Standard Tax', percentage: 20 }, { name: 'Zero Tax', percentage: 0 }],
  shippingMethods: [{ name: 'Standard Shipping', price: 500 }, { name: 'Express Shipping', price: 1000 }],
  paymentMethods: [
    {
      name: 'Dummy Payment',
      handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'true' }] },
    },
    {
      name: 'Paid Later',
      handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'false' }] },
    },
  ],
  collections: [],
};

async function tradeIn(app, currency) {
  const ctx = await app.get(RequestContextService).create({ apiType: 'admin' });
  const channels = app.get(ChannelService);
  const { id } = await channels.getDefaultChannel(ctx);
  await channels.update(ctx, { id, defaultCurrencyCode: currency, availableCurrencyCodes: [currency] });
}

async function fresh() {
  const boot = async () => {
    const app = await bootstrap(config);
    await tradeIn(app, CURRENCY);
    return app;
  };
  return populate(boot, initialData, CATALOGUE);
}

async function main() {
  const app = fs.existsSync(DATABASE) ? await bootstrap(config) : await fresh();
  await app.get(JobQueueService).start(); // jobs run in this process
  driver = app.get(TransactionalConnection).rawConnection.driver;
  driver.options.autoSave = true;
  await driver.autoSave();
  console.log('READY');
  const stop = async () => { await app.close(); process.exit(0); };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
main().catch((error) => { console.error(error); process.exit(1); });
