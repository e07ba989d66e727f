-- The role under which the site works, made or given its password anew at each start. What it may
-- do, `manage.py audit_grants` says after each `migrate`.
\getenv password POSTGRES_SITE_PASSWORD
SELECT 'CREATE ROLE nstp_site'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nstp_site')\gexec
ALTER ROLE nstp_site LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
