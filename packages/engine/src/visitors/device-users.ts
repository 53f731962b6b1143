import { day } from '../kernel/clock.ts';
import { sharedDeviceUsers, sharedDeviceWindowDays } from './identifier-kind.ts';

/**
 * Who has proved to use each device, beside the person that it belongs to: with three people within 30 days it is
 * shared (reference §1.7).
 */
export interface DeviceUsers {
  /** `user` is a visitor of somebody who was refused on the device from `first` to `last` (milliseconds). */
  add(device: string, user: string, first: number, last: number): void;
  isShared(device: string, at: number, personOf: (visitorId: string) => string): boolean;
}

export const sharedDeviceWindow = sharedDeviceWindowDays * day;

export function createDeviceUsers(): DeviceUsers {
  const uses = new Map<
    string,
    Array<{ readonly user: string; readonly first: number; readonly last: number }>
  >();
  return {
    add(device, user, first, last) {
      const list = uses.get(device);
      if (list === undefined) uses.set(device, [{ user, first, last }]);
      else list.push({ user, first, last });
    },
    isShared(device, at, personOf) {
      const list = uses.get(device);
      if (list === undefined || list.length + 1 < sharedDeviceUsers) return false;
      // Whoever the device belongs to was never refused on it, except after somebody else.
      const people = new Set([personOf(device)]);
      for (let index = list.length - 1; index >= 0 && people.size < sharedDeviceUsers; index -= 1) {
        const { user, first, last } = list[index]!;
        if (first <= at && last > at - sharedDeviceWindow) people.add(personOf(user));
      }
      return people.size >= sharedDeviceUsers;
    },
  };
}
