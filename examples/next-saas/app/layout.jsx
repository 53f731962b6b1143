import { PageViews } from './page-views.jsx';

export const metadata = { title: 'Notes for teams' };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <PageViews />
        {children}
      </body>
    </html>
  );
}
