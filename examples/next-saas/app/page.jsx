const reasons = {
  missing_token: 'You need an invitation to sign up.',
  invitation_exhausted: 'Somebody has signed up by this invitation already.',
  invitation_expired: 'This invitation has expired.',
};

export default async function Home({ searchParams }) {
  const { error } = await searchParams;
  return (
    <>
      <h1>Notes for teams</h1>
      {error && <p role="alert">{reasons[error] ?? 'This invitation is not good.'}</p>}
      <p>Sign up is by invitation.</p>
    </>
  );
}
