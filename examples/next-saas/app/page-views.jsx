'use client';

import { init } from '@headwater/browser';
import { useEffect } from 'react';

let headwater;

/** Counts the page, and those that Next.js changes to without loading one. */
export function PageViews() {
  useEffect(() => {
    headwater ??= init({ endpoint: '/hw' });
  }, []);
  return null;
}
