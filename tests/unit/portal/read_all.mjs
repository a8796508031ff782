// Reads all companies of a portal with the platform's own JavaScript SDK and prints them as JSON.
// Arguments: the SDK's folder, a webhook address.
import { pathToFileURL } from 'node:url';

const [folder, webhook] = process.argv.slice(2);
const { B24Hook } = await import(pathToFileURL(`${folder}/dist/esm/index.mjs`));

const $b24 = B24Hook.fromWebhookUrl(webhook);
$b24.offClientSideWarning();
const read = { fetched: [], batched: [] };

const pages = $b24.actions.v2.fetchList.make({
  method: 'crm.company.list',
  params: { select: ['ID', 'TITLE'] },
  idKey: 'ID',
});
for await (const page of pages) {
  read.fetched.push(...page);
}

const answer = await $b24.actions.v2.batch.make({
  calls: {
    first: { method: 'crm.company.list', params: { select: ['ID', 'TITLE'], start: -1 } },
    items: { method: 'crm.item.list', params: { entityTypeId: 4, select: ['id'], start: -1 } },
  },
  options: { isHaltOnError: true },
});
for (const [key, result] of Object.entries(answer.getData())) {
  read.batched.push([key, result]);
}
console.log(JSON.stringify(read));
$b24.destroy();
