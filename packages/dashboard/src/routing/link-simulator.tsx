import type { LinkResponse, SimulateLinkParams } from '@headwater/client/api';
import { Alert, Code, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconArrowRight, IconBan, IconLock } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import type { LinkSearch } from '../links/link-search.ts';
import { t } from '../messages/messages.ts';
import { said } from '../report/said.ts';
import { Loaded } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';
import { simulatedDevices } from './simulated-devices.ts';
import { SimulatedSteps } from './simulated-steps.tsx';
import { SimulatorFields } from './simulator-fields.tsx';

/** A request that is imagined, and where the redirect would send it, by its own code. Nothing is counted. */
export function LinkSimulator({ link }: { readonly link: LinkResponse }) {
  const search: LinkSearch = useSearch({ strict: false });
  const isPattern = /(^|\/)(:\w+|\*)(\/|$)/.test(link.key);
  const lacksPath = isPattern && search.path === undefined;
  const route = useRead(
    'simulateLink',
    { id: link.id, body: questionOf(search) },
    { enabled: !lacksPath },
  );
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Panel title={t.simulator.request}>
        <SimulatorFields link={link} isPattern={isPattern} />
      </Panel>
      <Panel title={t.simulator.answer}>
        {lacksPath ? (
          <Text size="sm">{t.simulator.pathNeeded(link.key)}</Text>
        ) : (
          <Loaded query={route} height={320}>
            {({ outcome, location, rule, variant, steps }) => (
              <Stack>
                <Alert
                  role="status"
                  variant="light"
                  color={outcome === 'destination' ? 'teal' : 'orange'}
                  icon={outcomeIcon(outcome)}
                  title={t.simulator.outcomes[outcome]}
                >
                  <Stack gap={4}>
                    {location === null ? (
                      <Text size="sm">{t.simulator.page}</Text>
                    ) : (
                      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                        {location}
                      </Code>
                    )}
                    {rule !== null && <Text size="sm">{t.simulator.byRule(rule)}</Text>}
                    {variant !== null && <Text size="sm">{t.simulator.byVariant(variant)}</Text>}
                  </Stack>
                </Alert>
                <SimulatedSteps link={link} steps={steps} />
              </Stack>
            )}
          </Loaded>
        )}
      </Panel>
    </SimpleGrid>
  );
}

function questionOf(search: LinkSearch): SimulateLinkParams {
  const { country, device, language, referrer, query, visitor, person, at, path } = search;
  return said({
    country,
    user_agent: device === undefined ? undefined : simulatedDevices[device],
    language,
    referrer,
    query,
    visitor,
    visitor_key: person,
    at,
    path,
    unlocked: search.unlocked,
    clicks: search.clicks,
  });
}

function outcomeIcon(outcome: 'destination' | 'inactive' | 'expired' | 'password') {
  if (outcome === 'destination') return <IconArrowRight aria-hidden />;
  return outcome === 'password' ? <IconLock aria-hidden /> : <IconBan aria-hidden />;
}
