import { createSearch } from '../../src/store/search.ts';
import { filled, requestOf } from './search.ts';
const db = await filled('/tmp', 100000);
const spy = { ...db, async query(s: any) { const t=performance.now(); const rows = await db.query(s); const d=performance.now()-t; if (d>0.5) { console.log('\n', d.toFixed(1),'ms', s.sql.slice(0,1200), JSON.stringify(s.params).slice(0,300)); for (const r of await db.query({sql:'explain query plan '+s.sql, params:s.params})) console.log('   ', r['id'],r['parent'],r['detail']);} return rows; }, batch: db.batch.bind(db) };
for (const q of ['patient.name:exact=Name p7']) { console.log('=====',q); for (let i=0;i<3;i++) await createSearch(spy as any).search(requestOf(q), {}); }
