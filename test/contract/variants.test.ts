import { t5Shapes, variantCases } from '../support/methodCases';
import { describeMethods } from './describeMethod';

const [[name, shape]] = Object.entries(t5Shapes) as [[string, (typeof t5Shapes)[string]]];
describeMethods(`on a T5 ${name}`, shape, variantCases, false);
