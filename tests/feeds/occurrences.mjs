// Prints what ical.js (Thunderbird's own reader) finds in a calendar on standard input, as JSON.
// usage: node occurrences.mjs LIBRARY FIRST_YEAR LAST_YEAR  ->  [[uid, start, end, summary, status], ...]
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [library, firstYear, lastYear] = process.argv.slice(2);
const { default: ICAL } = await import(pathToFileURL(resolve(library)));
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);

const isException = (part) => part.hasProperty("recurrence-id");
const moment = (time) => (time.isDate ? time.toString() : time.toJSDate().toISOString());
const parts = calendar.getAllSubcomponents("vevent");
const exceptions = parts.filter(isException);
const told = [];
function tell(event, start, end) {
  if (start.year < Number(firstYear) || start.year > Number(lastYear)) return;
  const status = event.component.getFirstPropertyValue("status");
  told.push([event.uid, moment(start), moment(end), event.summary, status]);
}
for (const part of parts.filter((one) => !isException(one))) {
  const uid = part.getFirstPropertyValue("uid");
  const own = exceptions.filter((one) => one.getFirstPropertyValue("uid") === uid);
  const event = new ICAL.Event(part, { exceptions: own });
  if (!event.isRecurring()) {
    tell(event, event.startDate, event.endDate);
    continue;
  }
  const starts = event.iterator();
  for (let next = starts.next(); next && next.year <= Number(lastYear); next = starts.next()) {
    const found = event.getOccurrenceDetails(next);
    tell(found.item, found.startDate, found.endDate);
  }
}
process.stdout.write(JSON.stringify(told));
