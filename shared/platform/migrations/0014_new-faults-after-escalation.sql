-- A target that waits for a person may fall ill anew: that is an incident of its own, to be repaired and told by itself.

drop index idx_incidents_open;
create unique index idx_incidents_open on incidents (fault, target) where status in ('detected', 'diagnosed', 'repairing');
create index idx_incidents_escalated on incidents (fault, target) where status = 'escalated';

-- The fingerprint of the alert that tells of it; those that escalate together share one.
alter table incidents add column alert varchar(200);
