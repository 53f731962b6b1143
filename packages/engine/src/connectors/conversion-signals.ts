import type { OutgoingConversion } from './outgoing-conversion.ts';

/**
 * The names of everything in a conversion by which a platform may recognise somebody or which it may require: click ids
 * and cookies under their own names, and what the conversion itself has.
 */
export function signalsOf(conversion: OutgoingConversion): ReadonlySet<string> {
  const { person, device, page } = conversion;
  const own: Readonly<Record<ConversionSignal, unknown>> = {
    email: person.email,
    phone: person.phone,
    external_id: person.externalId,
    full_name: person.firstName === undefined ? undefined : person.lastName,
    first_name: person.firstName,
    last_name: person.lastName,
    city: person.city,
    state: person.state,
    postal_code: person.postalCode,
    country: person.countryCode,
    ip_address: device.ipAddress,
    user_agent: device.userAgent,
    anonymous_id: device.anonymousId,
    page_url: page.url,
    order_id: conversion.orderId,
    amount: conversion.money,
  };
  const present = Object.entries(own).filter(([, value]) => value !== undefined && value !== '');
  return new Set([...Object.keys(conversion.signals), ...present.map(([name]) => name)]);
}

export type ConversionSignal =
  | 'email'
  | 'phone'
  | 'external_id'
  | 'full_name'
  | 'first_name'
  | 'last_name'
  | 'city'
  | 'state'
  | 'postal_code'
  | 'country'
  | 'ip_address'
  | 'user_agent'
  | 'anonymous_id'
  | 'page_url'
  | 'order_id'
  | 'amount';
