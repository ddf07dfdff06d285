import { methodCases, t5Shapes } from '../support/methodCases';
import { describeMethods } from './describeMethod';

for (const [name, shape] of Object.entries(t5Shapes))
  describeMethods(`on a T5 ${name}`, shape, methodCases, name === 'v1.0');
