import type { GateResponse } from '@headwater/client/api';
import { Alert, Button, Group, NumberInput, SegmentedControl, Stack, Switch } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconDoor } from '@tabler/icons-react';

import { fieldErrors } from '../api/fault-message.ts';
import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatInstant } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { Failed, Loaded } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';

/** How codes work, and whether the gate is shut. */
export function ReferralSettings() {
  const gate = useRead('getGate', undefined);
  return (
    <Loaded query={gate} height={360}>
      {(state) => (
        <Stack maw={560}>
          <GateState gate={state} />
          <ReferralForm />
        </Stack>
      )}
    </Loaded>
  );
}

function GateState({ gate }: { readonly gate: GateResponse }) {
  const { timezone } = useWorkspace();
  return (
    <Alert color={gate.required ? 'orange' : 'teal'} icon={<IconDoor aria-hidden />}>
      {gate.required ? t.gate.shutSince(formatInstant(gate.since, timezone)) : t.gate.open}{' '}
      {gate.required && gate.grandfather && t.gate.grandfathered}
    </Alert>
  );
}

interface Values {
  enabled: boolean;
  required: boolean;
  grandfather: boolean;
  uses_max_per_code: number | '';
  codes_max_per_user: number | '';
  self_referral: 'refuse' | 'flag';
}

function ReferralForm() {
  const { settings } = useWorkspace();
  const stored = (settings['referrals'] ?? {}) as Partial<Values>;
  const update = useWrite('updateWorkspace', ['getWorkspace', 'getGate']);
  const form = useForm<Values>({
    initialValues: {
      enabled: stored.enabled ?? true,
      required: stored.required ?? false,
      grandfather: stored.grandfather ?? true,
      uses_max_per_code: stored.uses_max_per_code ?? '',
      codes_max_per_user: stored.codes_max_per_user ?? '',
      self_referral: stored.self_referral ?? 'refuse',
    },
  });
  const refused = fieldErrors(update.error);
  const save = ({ uses_max_per_code, codes_max_per_user, ...rest }: Values): void =>
    update.mutate(
      {
        body: {
          settings: {
            referrals: {
              ...rest,
              ...(uses_max_per_code !== '' && { uses_max_per_code }),
              ...(codes_max_per_user !== '' && { codes_max_per_user }),
            },
          },
        },
      },
      { onSuccess: () => notifyDone(t.states.saved) },
    );
  return (
    <form onSubmit={form.onSubmit(save)}>
      <Stack>
        <Switch label={t.gate.enabled} {...form.getInputProps('enabled', { type: 'checkbox' })} />
        <Switch
          label={t.gate.required}
          description={t.gate.requiredHint}
          {...form.getInputProps('required', { type: 'checkbox' })}
        />
        {form.values.required && (
          <Switch
            label={t.gate.grandfather}
            {...form.getInputProps('grandfather', { type: 'checkbox' })}
          />
        )}
        <NumberInput
          label={t.gate.usesMax}
          placeholder="100"
          min={1}
          allowDecimal={false}
          {...form.getInputProps('uses_max_per_code')}
          error={refused['settings.referrals.uses_max_per_code']}
        />
        <NumberInput
          label={t.gate.codesMax}
          min={1}
          allowDecimal={false}
          {...form.getInputProps('codes_max_per_user')}
          error={refused['settings.referrals.codes_max_per_user']}
        />
        <SegmentedControl
          aria-label={t.gate.selfReferral}
          data={[
            { value: 'refuse', label: t.gate.selfReferrals.refuse },
            { value: 'flag', label: t.gate.selfReferrals.flag },
          ]}
          {...form.getInputProps('self_referral')}
        />
        {update.error !== null && <Failed fault={update.error} />}
        <Group>
          <Button type="submit" loading={update.isPending}>
            {t.actions.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
