// Fills a folder with the simulated shop, unless it is filled already.
import { createHeadwater } from 'headwater';

import { simulate, simulationOptions } from '../packages/server/src/demo/simulate.ts';
import { createSimulatedClock } from '../packages/server/src/demo/simulated-clock.ts';

const [folder = './.headwater-demo', visitors] = process.argv.slice(2);
const clock = createSimulatedClock();
await using hw = await createHeadwater({ database: { folder }, ...simulationOptions(clock) });
await hw.migrate();
const workspace = await hw.workspaces.first();
if (workspace.slug !== 'demo') {
  const start = performance.now();
  await simulate({
    hw,
    clock,
    partners: true,
    ...(visitors !== undefined && { visitors: Number(visitors) }),
    onProgress: (done, all) => {
      if (done % 50 === 0 || done === all)
        process.stderr.write(`\rsimulating a shop: ${done} of ${all} visits`);
    },
  });
  while ((await hw.analytics.rollUp()).goesOn);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  process.stderr.write(`\nsimulated in ${seconds} s\n`);
}
