-- Leads to try the page with. `make crm` adds them and the users to the sandbox.
insert into public.leads (name, company, phone) values
  ('Ada Lovelace', 'Analytical Engines', '+15550001111'),
  ('Grace Hopper', 'Harvard Mark I', '+15550002222'),
  ('Katherine Johnson', 'Orbital Mechanics', '+15550003333'),
  ('Alan Turing', 'Bletchley Park Services', '+15550004444'),
  ('Hedy Lamarr', 'Frequency Hopping Co.', '+15550005555')
on conflict (phone) do nothing;
