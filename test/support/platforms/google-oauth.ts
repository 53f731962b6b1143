import type { Judgement, StandIn } from './stand-in.ts';

/** Google's OAuth endpoint. */
export const googleOAuth: StandIn = {
  name: 'google_oauth',
  hosts: ['oauth2.googleapis.com'],
  judge({ path, method, rawBody, headers }): Judgement {
    const form = new URLSearchParams(rawBody);
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    if (path !== '/token' || method !== 'POST' || isForm !== true)
      return { answer: { status: 404, body: { error: 'not_found' } } };
    if (form.get('client_id') !== 'CLIENT' || form.get('client_secret') !== 'CLIENT_SECRET')
      return { answer: { status: 401, body: { error: 'invalid_client' } } };
    if (form.get('refresh_token') !== 'REFRESH' || form.get('grant_type') !== 'refresh_token')
      return {
        answer: {
          status: 400,
          body: { error: 'invalid_grant', error_description: 'Token has been revoked.' },
        },
      };
    return {
      answer: {
        status: 200,
        body: { access_token: 'GOOGLE_TOKEN', expires_in: 3_599, token_type: 'Bearer' },
      },
    };
  },
};
