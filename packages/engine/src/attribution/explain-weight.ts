import { day } from '../kernel/clock.ts';
import type { RuleModel } from './models/model-definition.ts';
import type { Path } from './models/path.ts';

/** Why a touch of a path gets what it gets under a rule: for people. */
export function explainWeight(model: RuleModel, path: Path, index: number, weight: number): string {
  const { touches, conversion } = path;
  const touch = touches[index];
  if (touch === undefined) return '';
  const end = touches.length - 1;
  const won = weight > 0;
  if (touches.length === 1 && won) return 'it is the only touch that may earn credit';
  const lastSourced = touches.findLastIndex(({ kind }) => kind !== 'direct');
  const nonDirect = (): string => {
    if (won)
      return touch.kind === 'direct'
        ? 'every touch is direct, and it is the last'
        : 'it is the last touch that is not direct';
    if (lastSourced === -1) return 'every touch is direct, and a later one is the last';
    if (touch.kind === 'direct') return 'it is direct, and another touch is not';
    return 'a later touch is not direct either';
  };
  switch (model.name) {
    case 'first_touch':
      return won ? 'it is the first touch' : 'an earlier touch is the first';
    case 'last_touch':
      return won ? 'it is the last touch' : 'a later touch is the last';
    case 'last_non_direct':
      return nonDirect();
    case 'last_paid': {
      if (!touches.some(({ paid }) => paid)) return `no touch was paid for: ${nonDirect()}`;
      if (won) return 'it is the last touch that was paid for';
      return touch.paid ? 'a later touch was paid for too' : 'it was not paid for, and another was';
    }
    case 'linear':
      return `it is one of ${touches.length} touches, which share alike`;
    case 'time_decay': {
      const days = Math.round(((conversion.occurredAt - touch.occurredAt) / day) * 100) / 100;
      return `it came ${days} days before the conversion; half as much for each ${model.parameters['halfLifeDays']} days`;
    }
    case 'participation':
      return won
        ? 'it is the first touch of its channel, which took part'
        : 'an earlier touch of the same channel stands for it';
    default: {
      const places = [
        index === 0 ? 'first' : '',
        index === leadTouch(path) && usesLead(model) ? 'lead' : '',
        index === end ? 'last' : '',
      ].filter((place) => place !== '');
      const place = places.length === 0 ? 'middle' : places.join(' and ');
      return won
        ? `its place in the path is: ${place}`
        : `its place in the path is: ${place}, which has no part`;
    }
  }
}

function usesLead(model: RuleModel): boolean {
  return model.name === 'w_shaped' || Number(model.parameters['lead'] ?? 0) > 0;
}

function leadTouch({ touches, conversion: { leadAt } }: Path): number {
  return leadAt === undefined
    ? -1
    : touches.findLastIndex(({ occurredAt }) => occurredAt <= leadAt);
}
