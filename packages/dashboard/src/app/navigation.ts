import {
  IconActivity,
  IconCash,
  IconChartArrowsVertical,
  IconChartDots3,
  IconCreditCard,
  IconFilter,
  IconGift,
  IconHeartHandshake,
  IconHome,
  IconHourglass,
  IconLink,
  IconList,
  IconMailOpened,
  IconPlugConnected,
  IconReceipt2,
  IconRocket,
  IconSettings,
  IconShieldSearch,
  IconTag,
  IconUsers,
  IconUsersGroup,
  IconWebhook,
} from '@tabler/icons-react';
import type { Icon } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';

export interface Destination {
  readonly to:
    | '/overview'
    | '/live'
    | '/links'
    | '/visitors'
    | '/attribution'
    | '/funnels'
    | '/retention'
    | '/events'
    | '/invitations'
    | '/codes'
    | '/referrals'
    | '/rewards'
    | '/waitlist'
    | '/partners'
    | '/commissions'
    | '/review'
    | '/payouts'
    | '/connectors'
    | '/webhooks'
    | '/payments'
    | '/start'
    | '/settings';
  readonly label: string;
  readonly icon: Icon;
  /** The letter that follows `g`. */
  readonly key: string;
}

export interface Section {
  readonly label: string;
  readonly destinations: readonly Destination[];
}

export const sections: readonly Section[] = [
  {
    label: t.nav.measure,
    destinations: [
      { to: '/overview', label: t.nav.overview, icon: IconHome, key: 'o' },
      { to: '/live', label: t.nav.live, icon: IconActivity, key: 'n' },
      { to: '/visitors', label: t.nav.visitors, icon: IconUsers, key: 'v' },
      { to: '/attribution', label: t.nav.attribution, icon: IconChartDots3, key: 'a' },
      { to: '/funnels', label: t.nav.funnels, icon: IconFilter, key: 'f' },
      { to: '/retention', label: t.nav.retention, icon: IconChartArrowsVertical, key: 'r' },
      { to: '/events', label: t.nav.events, icon: IconList, key: 'e' },
    ],
  },
  {
    label: t.nav.grow,
    destinations: [
      { to: '/links', label: t.nav.links, icon: IconLink, key: 'l' },
      { to: '/invitations', label: t.nav.invitations, icon: IconMailOpened, key: 'i' },
      { to: '/codes', label: t.nav.codes, icon: IconTag, key: 'c' },
      { to: '/referrals', label: t.nav.referrals, icon: IconUsersGroup, key: 'u' },
      { to: '/rewards', label: t.nav.rewards, icon: IconGift, key: 'w' },
      { to: '/waitlist', label: t.nav.waitlist, icon: IconHourglass, key: 'q' },
    ],
  },
  {
    label: t.nav.earn,
    destinations: [
      { to: '/partners', label: t.nav.partners, icon: IconHeartHandshake, key: 'b' },
      { to: '/commissions', label: t.nav.commissions, icon: IconReceipt2, key: 'm' },
      { to: '/review', label: t.nav.review, icon: IconShieldSearch, key: 'k' },
      { to: '/payouts', label: t.nav.payouts, icon: IconCash, key: 'y' },
    ],
  },
  {
    label: t.nav.connect,
    destinations: [
      { to: '/connectors', label: t.nav.connectors, icon: IconPlugConnected, key: 'd' },
      { to: '/webhooks', label: t.nav.webhooks, icon: IconWebhook, key: 'h' },
      { to: '/payments', label: t.nav.payments, icon: IconCreditCard, key: 'p' },
    ],
  },
  {
    label: t.nav.workspace,
    destinations: [
      { to: '/start', label: t.nav.start, icon: IconRocket, key: 's' },
      { to: '/settings', label: t.nav.settings, icon: IconSettings, key: ',' },
    ],
  },
];

export const destinations: readonly Destination[] = sections.flatMap(
  (section) => section.destinations,
);
